@NullMarked
package dev.selvage.workloads;

import org.jspecify.annotations.NullMarked;
