/** Measures what the product promises, on the machine at hand: {@code ./selvage bench NAME}. */
@org.jspecify.annotations.NullMarked
package dev.selvage.bench;
