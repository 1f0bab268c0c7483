package dev.selvage.model.plan;

/** What became of reading a plan. */
public sealed interface PlanReading {
    record Known(Plan plan) implements PlanReading {}

    /** Written by another release; a node keeps running what it has. */
    record UnknownVersion(int version) implements PlanReading {}

    record Malformed(String message) implements PlanReading {}
}
