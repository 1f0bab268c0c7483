@NullMarked
package dev.selvage.model;

import org.jspecify.annotations.NullMarked;
