package dev.selvage.identity;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The centre's server key and certificate, renewed at half of their life and used by every handshake from then on, without a restart: Jetty and Netty hold this one
 * key manager for ever.
 */
public final class ServerKeys extends X509ExtendedKeyManager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerKeys.class);
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Supplier<KeyAndChain> source;
    private final Clock clock;
    private final Thread renewal;
    private volatile Generation current;

    ServerKeys(Supplier<KeyAndChain> source, Clock clock) {
        this.source = source;
        this.clock = clock;
        KeyAndChain first = source.get();
        this.current = new Generation(0, first, first);
        this.renewal = Thread.ofVirtual().name("server-certificate").unstarted(this::renewForEver);
    }

    /** Issues the first certificate and keeps it renewed until closed. */
    public static ServerKeys start(CertificateAuthority authority) {
        var keys = new ServerKeys(authority::issueServer, Clock.systemUTC());
        keys.renewal.start();
        return keys;
    }

    /** Whether the certificate that servers show now is within its time. */
    public boolean valid() {
        return clock.instant().isBefore(current().certificate().getNotAfter().toInstant());
    }

    public KeyAndChain current() {
        return current.keys;
    }

    private void renewForEver() {
        try {
            while (true) {
                Duration left = Duration.between(clock.instant(), current().renewAt());
                Duration wait = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
                Thread.sleep(wait.isPositive() ? wait : Duration.ofMillis(100));
                if (!clock.instant().isBefore(current().renewAt())) {
                    renew();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** Takes a new certificate now, whatever is left of the present one's life. */
    public synchronized void renew() {
        current = current.next(source.get());
        LOG.info("server certificate renewed: {}", current());
    }

    @Override
    public void close() {
        renewal.interrupt();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return keyType.equals("EC") ? current.alias() : null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return keyType.equals("EC") ? current.alias() : null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return keyType.equals("EC") ? new String[] {current.alias()} : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return current.of(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return current.of(alias).key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    /** A handshake asks for alias, chain and key one after the other: the alias says of which generation, and the last one stays for those under way. */
    private record Generation(long number, KeyAndChain keys, KeyAndChain previous) {
        String alias() {
            return "server-" + number;
        }

        KeyAndChain of(String alias) {
            return alias.equals(alias()) ? keys : previous;
        }

        Generation next(KeyAndChain renewed) {
            return new Generation(number + 1, renewed, keys);
        }
    }
}
