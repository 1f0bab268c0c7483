/** Small files of the node that survive power cuts, and that tell when the disk has damaged them. */
@NullMarked
package dev.selvage.files;

import org.jspecify.annotations.NullMarked;
