/** Controllers of the kinds that make pods from a template: ReplicaSet, Deployment, DaemonSet, Job, CronJob. */
@NullMarked
package dev.selvage.control.workload;

import org.jspecify.annotations.NullMarked;
