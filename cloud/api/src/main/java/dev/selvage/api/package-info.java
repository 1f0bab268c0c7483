@NullMarked
package dev.selvage.api;

import org.jspecify.annotations.NullMarked;
