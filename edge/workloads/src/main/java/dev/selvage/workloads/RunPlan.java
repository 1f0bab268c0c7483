package dev.selvage.workloads;

/** What a container would be started with, or why it cannot be yet. */
sealed interface RunPlan {
    record Ready(RunSpec spec) implements RunPlan {}

    record NotYet(Failure failure) implements RunPlan {}
}
