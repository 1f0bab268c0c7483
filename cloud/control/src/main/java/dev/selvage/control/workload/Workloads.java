package dev.selvage.control.workload;

import dev.selvage.control.frame.Backoff;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Admission;
import dev.selvage.model.Kinds;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

/** The workload controllers, over one index of pods and one of ReplicaSets. */
public final class Workloads implements Part {
    private final List<Part> parts;

    /**
     * @param recorder makes the source of a controller's events by its name
     * @param admission what the API would check of a pod
     * @param jobs how long a Job waits for its next pod after a failed one
     */
    public Workloads(
            Informers informers,
            Writer writer,
            Function<String, Recorder> recorder,
            Admission admission,
            Backoff jobs,
            Clock clock) {
        OwnerIndex<Replica> pods = new OwnerIndex<>(informers.of(Kinds.POD), Replica::of);
        OwnerIndex<Revision> revisions = new OwnerIndex<>(informers.of(Kinds.REPLICA_SET), Revision::new);
        Recorder daemons = recorder.apply("daemonset-controller");
        Recorder jobEvents = recorder.apply("job-controller");
        parts = List.of(
                new ReplicaSets(
                        informers,
                        pods,
                        new PodWrites(writer, recorder.apply("replicaset-controller"), admission),
                        writer,
                        clock),
                new DaemonSets(informers, pods, new PodWrites(writer, daemons, admission), writer, daemons, clock),
                new Jobs(informers, pods, new PodWrites(writer, jobEvents, admission), writer, jobEvents, jobs, clock),
                new CronJobs(
                        informers,
                        new OwnerIndex<>(informers.of(Kinds.JOB), CronRun::of),
                        new CronKeepers(informers, admission),
                        writer,
                        recorder.apply("cronjob-controller"),
                        clock),
                new Deployments(informers, pods, revisions, writer, recorder.apply("deployment-controller"), clock));
    }

    @Override
    public void start() {
        parts.forEach(Part::start);
    }

    @Override
    public void close() {
        parts.forEach(Part::close);
    }
}
