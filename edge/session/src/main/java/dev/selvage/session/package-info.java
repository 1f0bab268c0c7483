@NullMarked
package dev.selvage.session;

import org.jspecify.annotations.NullMarked;
