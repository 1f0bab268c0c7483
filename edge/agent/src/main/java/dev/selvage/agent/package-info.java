@NullMarked
package dev.selvage.agent;

import org.jspecify.annotations.NullMarked;
