package dev.selvage.identity;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the CAs in the database, each second, and tells when who is trusted or who issues has changed, by whichever server. */
public final class AuthorityWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuthorityWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final CertificateAuthority authority;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread =
            Thread.ofVirtual().name("certificate-authority").unstarted(this::follow);
    private String seen;
    private boolean failing;

    public AuthorityWatch(CertificateAuthority authority) {
        this.authority = authority;
        this.seen = authority.known().view();
    }

    /** Called on the watch's own thread, in the order of registration; one that throws does not keep the others from it. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    public void start() {
        thread.start();
    }

    private void follow() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                look();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void look() {
        try {
            authority.refresh();
            failing = false;
        } catch (IdentityException e) {
            if (!failing) {
                LOG.warn("{}", e.getMessage());
            }
            failing = true;
            return;
        }
        String now = authority.known().view();
        if (!now.equals(seen)) {
            seen = now;
            Authorities known = authority.known();
            LOG.info(
                    "CAs: {} trusted, {} serves, {} issues",
                    known.trusted().size(),
                    known.serving().name(),
                    known.issuing().name());
            listeners.forEach(AuthorityWatch::tell);
        }
    }

    private static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.error("what follows from a change of the CAs failed", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
