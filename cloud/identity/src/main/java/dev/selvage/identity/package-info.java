@NullMarked
package dev.selvage.identity;

import org.jspecify.annotations.NullMarked;
