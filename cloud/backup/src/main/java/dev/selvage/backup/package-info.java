/** Backup and restore of what a centre keeps in its database: one file, verified whole before anything is replaced. */
@org.jspecify.annotations.NullMarked
package dev.selvage.backup;
