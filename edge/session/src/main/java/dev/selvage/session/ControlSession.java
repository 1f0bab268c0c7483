package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.link.Heartbeat;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LaneStored;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.Reports;
import dev.selvage.link.SliceUpdate;
import dev.selvage.link.Stored;
import dev.selvage.link.StreamRequest;
import dev.selvage.link.TrustBundle;
import dev.selvage.link.TrustStored;
import dev.selvage.link.Welcome;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One control connection, from Hello to its end. The caller's thread reads; three more send heartbeats, reports and lanes. When one of them fails all of them end.
 */
final class ControlSession {
    private static final long REPORT_WAIT_MILLIS = 5_000;
    private static final int MOST_IN_FLIGHT = 16;
    private static final long SHORTEST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 600_000;

    private final HubConnection connection;
    private final SliceStore slice;
    private final PendingReports reports;
    private final TrustedClock clock;
    private final SessionListener listener;
    private final Welcome welcome;
    private final LaneUploader uploader;
    private final Trusting trusting;
    private volatile @Nullable IOException failure;

    private ControlSession(
            HubConnection connection,
            Welcome welcome,
            SliceStore slice,
            PendingReports reports,
            LaneUploader uploader,
            TrustedClock clock,
            SessionListener listener,
            Trusting trusting) {
        this.connection = connection;
        this.welcome = welcome;
        this.slice = slice;
        this.reports = reports;
        this.uploader = uploader;
        this.clock = clock;
        this.listener = listener;
        this.trusting = trusting;
    }

    /** Says Hello with what the node holds, and waits for the Welcome. */
    static ControlSession begin(
            HubConnection connection,
            NodeIdentity identity,
            SessionConfig config,
            SliceStore slice,
            PendingReports reports,
            dev.selvage.lanes.Lanes lanes,
            TrustedClock clock,
            SessionListener listener,
            Trusting trusting)
            throws IOException {
        connection.send(NodeMessage.newBuilder()
                .setHello(hello(identity, config, slice))
                .build());
        HubMessage answer = connection.receive();
        if (answer.getMessageCase() == HubMessage.MessageCase.COME_BACK) {
            throw comeBack(answer);
        }
        if (answer.getMessageCase() != HubMessage.MessageCase.WELCOME) {
            throw new LinkException("expected a welcome, found " + answer.getMessageCase());
        }
        Welcome welcome = answer.getWelcome();
        clock.heard(connection.checked(welcome.getHubTimeMillis()));
        var uploader = new LaneUploader(lanes, connection, window(welcome.getLaneWindow()), config.laneBatchBytes());
        for (LaneStored stored : welcome.getLanesList()) {
            uploader.acknowledged(stored);
        }
        return new ControlSession(connection, welcome, slice, reports, uploader, clock, listener, trusting);
    }

    private static Hello hello(NodeIdentity identity, SessionConfig config, SliceStore slice) {
        var hello = Hello.newBuilder()
                .setProtocol(LinkProtocol.VERSION)
                .setNode(identity.node())
                .setAgentVersion(config.agentVersion())
                .setIncarnation(slice.incarnation())
                .setRevision(slice.revision())
                .addAllTrusted(trusted(identity.trusted()))
                .setMachine(config.machine().message())
                .setIncomplete(!slice.whole());
        for (Held held : slice.held()) {
            hello.addHeld(dev.selvage.link.Held.newBuilder()
                    .setObject(Refs.of(held.key()))
                    .setUid(held.uid())
                    .setRevision(held.revision()));
        }
        return hello.build();
    }

    /** A hub that is wrong must neither fill the node's memory nor stop it. */
    private static int window(int asked) {
        return Math.clamp(asked, 1, MOST_IN_FLIGHT);
    }

    /** Nor must a link that has died go unnoticed for ever. */
    private static Duration asked(int millis) {
        return Duration.ofMillis(Math.clamp(Integer.toUnsignedLong(millis), SHORTEST_MILLIS, LONGEST_MILLIS));
    }

    long epoch() {
        return welcome.getEpoch();
    }

    /** Runs until the connection ends; always throws why. */
    void run(Consumer<StreamRequest> streams) throws IOException {
        reports.restart();
        connection.silence(asked(welcome.getSilenceMillis()));
        Thread[] senders = {
            sender("link-heartbeats", this::beat),
            sender("link-reports", this::report),
            sender("link-lanes", uploader::run),
            sender("link-synced", uploader::watchLanes)
        };
        try {
            for (Thread thread : senders) {
                thread.start();
            }
            while (true) {
                handle(connection.receive(), streams);
            }
        } catch (IOException e) {
            IOException first = failure;
            throw first == null ? e : first;
        } finally {
            connection.close();
            end(senders);
        }
    }

    private void handle(HubMessage message, Consumer<StreamRequest> streams) throws IOException {
        switch (message.getMessageCase()) {
            case SLICE_UPDATE -> apply(message.getSliceUpdate());
            case REPORTS_STORED -> {
                var stored = message.getReportsStored();
                stored.getRefusedList().forEach(r -> listener.reportRefused(Refs.key(r.getObject()), r.getReason()));
                reports.acknowledge(stored.getSequence());
            }
            case LANE_STORED -> uploader.acknowledged(message.getLaneStored());
            case STREAM_REQUEST -> streams.accept(message.getStreamRequest());
            case BEAT -> clock.heard(connection.checked(message.getBeat().getHubTimeMillis()));
            case COME_BACK -> throw comeBack(message);
            case TRUST_BUNDLE -> trust(message.getTrustBundle());
            case REFUSED, WELCOME, CHALLENGE, CREDENTIALS, STREAM_ACCEPTED, COMMAND_INPUT, MESSAGE_NOT_SET ->
                throw new LinkException("the hub sent " + message.getMessageCase() + " in the middle of a session");
        }
    }

    private static ComeBackException comeBack(HubMessage message) {
        var asked = message.getComeBack();
        return new ComeBackException(
                asked.getReason(), Duration.ofMillis(Integer.toUnsignedLong(asked.getAfterMillis())));
    }

    private void apply(SliceUpdate update) throws IOException {
        var puts = update.getPutsList().stream()
                .map(p -> new SliceChange.Put(
                        Refs.key(p.getObject()),
                        p.getUid(),
                        p.getRevision(),
                        p.getJson().toByteArray()))
                .toList();
        var deletes = update.getDeletesList().stream()
                .map(d -> new SliceChange.Delete(Refs.key(d.getObject()), d.getUid()))
                .toList();
        try {
            slice.apply(
                    new SliceChange(update.getIncarnation(), update.getRevision(), puts, deletes, update.getWhole()));
        } catch (RuntimeException e) {
            throw new LinkException("the node could not store its slice: " + e.getMessage(), e);
        }
        connection.send(NodeMessage.newBuilder()
                .setStored(Stored.newBuilder().setSequence(update.getSequence()))
                .build());
    }

    /** Every message is a sign of life: a heartbeat goes only when nothing else went for its interval. */
    private void trust(TrustBundle bundle) throws IOException {
        try {
            List<X509Certificate> authorities = Pem.certificates(bundle.getCertificatesList().stream()
                    .map(ByteString::toByteArray)
                    .toList());
            trusting.trust(authorities);
            connection.send(NodeMessage.newBuilder()
                    .setTrustStored(TrustStored.newBuilder().addAllTrusted(trusted(authorities)))
                    .build());
        } catch (CertificateException | IllegalArgumentException e) {
            throw new LinkException("the hub's trust bundle cannot be used: " + e.getMessage(), e);
        }
    }

    private static List<ByteString> trusted(List<X509Certificate> authorities) {
        return authorities.stream()
                .map(CentreTrust::sha256)
                .map(ByteString::copyFrom)
                .toList();
    }

    private void beat() throws IOException, InterruptedException {
        Duration every = asked(welcome.getHeartbeatMillis());
        while (true) {
            Duration left = every.minus(connection.quiet());
            if (left.isPositive()) {
                Thread.sleep(left);
            } else {
                connection.send(NodeMessage.newBuilder()
                        .setHeartbeat(Heartbeat.getDefaultInstance())
                        .build());
            }
        }
    }

    private void report() throws IOException, InterruptedException {
        int window = window(welcome.getReportWindow());
        while (true) {
            var batch = reports.next(window, REPORT_WAIT_MILLIS);
            if (!batch.reports().isEmpty()) {
                connection.send(NodeMessage.newBuilder()
                        .setReports(Reports.newBuilder()
                                .setSequence(batch.sequence())
                                .addAllReports(batch.reports()))
                        .build());
            }
        }
    }

    private Thread sender(String name, Sender sender) {
        return Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                sender.send();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException | Error e) {
                failure = new LinkException(name + " failed: " + e, e);
            } catch (InterruptedException e) {
                // The session is ending.
            } finally {
                connection.close();
            }
        });
    }

    private static void end(Thread[] threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            thread.interrupt();
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes a bundle of CAs in place of the present one; durable when it returns. */
    interface Trusting {
        void trust(List<X509Certificate> authorities) throws IOException;
    }

    private interface Sender {
        void send() throws IOException, InterruptedException;
    }
}
