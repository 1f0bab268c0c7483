package dev.selvage.control;

import dev.selvage.control.admission.Admissions;
import dev.selvage.control.device.DeviceBinder;
import dev.selvage.control.frame.Fence;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.control.gc.Expiry;
import dev.selvage.control.gc.GarbageCollector;
import dev.selvage.control.namespace.NamespaceDeletion;
import dev.selvage.control.node.NodeLifecycle;
import dev.selvage.control.node.PodLinks;
import dev.selvage.control.scheduler.Scheduler;
import dev.selvage.control.scheduler.SystemPriorities;
import dev.selvage.control.site.SiteCounts;
import dev.selvage.control.stream.StreamPlans;
import dev.selvage.control.stream.WriterConflicts;
import dev.selvage.control.workload.Workloads;
import dev.selvage.model.Kinds;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controllers during one stretch of leadership, from the first list to the loss of the lead. */
final class Running implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Running.class);

    private final Informers informers;
    private final List<Part> parts = new ArrayList<>();
    private final Duration resync;
    private final Thread thread = Thread.ofVirtual().name("controllers").unstarted(this::run);

    private Running(Resources resources, Leases leases, Fence fence, ControlConfig config, Clock clock) {
        resync = config.resync();
        informers = new Informers(resources, Kinds.all());
        Writer writer = new Writer(resources, fence, informers);
        parts.add(new Scheduler(informers, writer, recorder(writer, clock, "default-scheduler"), clock));
        parts.add(new SystemPriorities(informers, writer));
        parts.add(new NodeLifecycle(
                informers, writer, recorder(writer, clock, "node-controller"), leases::ages, config.nodes(), clock));
        parts.add(new PodLinks(informers, writer, config.nodes(), clock));
        parts.add(new GarbageCollector(informers, writer));
        parts.add(new Expiry(informers, writer, clock));
        parts.add(new NamespaceDeletion(informers, writer, clock));
        parts.add(new SiteCounts(informers, writer));
        parts.add(new DeviceBinder(
                informers,
                writer,
                recorder(writer, clock, "device-binder"),
                config.nodes().orphanAfter(),
                clock));
        parts.add(new StreamPlans(informers, writer, clock));
        parts.add(new WriterConflicts(informers, writer, clock));
        parts.add(new Workloads(
                informers,
                writer,
                component -> recorder(writer, clock, component),
                Admissions.pods(resources),
                config.jobs(),
                clock));
    }

    private static Recorder recorder(Writer writer, Clock clock, String component) {
        return new Recorder(writer, clock, component);
    }

    static Running start(Resources resources, Leases leases, Fence fence, ControlConfig config, Clock clock) {
        Running running = new Running(resources, leases, fence, config, clock);
        running.thread.start();
        return running;
    }

    private void run() {
        try {
            informers.start();
            while (!informers.awaitSync(Duration.ofSeconds(30))) {
                LOG.warn("controllers wait for the first list of every kind");
            }
            parts.forEach(Part::start);
            LOG.info("controllers run");
            while (true) {
                Thread.sleep(resync);
                informers.all().forEach(Informer::resync);
            }
        } catch (InterruptedException e) {
            LOG.debug("controllers stop");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        parts.forEach(Part::close);
        informers.close();
    }
}
