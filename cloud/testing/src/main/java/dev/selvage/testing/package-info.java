/** What the tests of several of the centre's modules share; no program carries it. */
@NullMarked
package dev.selvage.testing;

import org.jspecify.annotations.NullMarked;
