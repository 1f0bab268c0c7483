@NullMarked
package dev.selvage.store;

import org.jspecify.annotations.NullMarked;
