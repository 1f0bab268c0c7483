@NullMarked
package dev.selvage.lanes;

import org.jspecify.annotations.NullMarked;
