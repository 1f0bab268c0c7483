@NullMarked
package dev.selvage.e2e;

import org.jspecify.annotations.NullMarked;
