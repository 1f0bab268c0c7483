/** The controller frame: informers, work queues, leadership, events. */
@NullMarked
package dev.selvage.control.frame;

import org.jspecify.annotations.NullMarked;
