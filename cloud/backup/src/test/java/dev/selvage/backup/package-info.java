@org.jspecify.annotations.NullMarked
package dev.selvage.backup;
