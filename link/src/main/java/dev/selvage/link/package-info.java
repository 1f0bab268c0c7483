@NullMarked
package dev.selvage.link;

import org.jspecify.annotations.NullMarked;
