package dev.selvage.api;

import dev.selvage.store.ExpiredException;
import dev.selvage.store.FutureRevisionException;
import dev.selvage.store.StoreUnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door: who asks, within which limits, and how a failure is answered. Runs on virtual threads and may block. */
final class ApiHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final Set<String> UNSEATED = Set.of("healthz", "livez", "readyz", "metrics");

    private final ApiConfig config;
    private final ApiPaths paths;
    private final Throttle throttle;
    private final Limits limits;
    private final Authorities authorities;
    private final LongAdder requests = new LongAdder();
    private final LongAdder failures = new LongAdder();

    ApiHandler(ApiConfig config, ApiPaths paths, Throttle throttle, Limits limits, Authorities authorities) {
        this.config = config;
        this.paths = paths;
        this.throttle = throttle;
        this.limits = limits;
        this.authorities = authorities;
    }

    long requests() {
        return requests.sum();
    }

    /** Answers of 500 and above. */
    long failures() {
        return failures.sum();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        requests.increment();
        Caller caller = caller(request);
        Exchange exchange = null;
        try {
            exchange = new Exchange(request, response, callback, caller, config, limits);
            throttle.enter(exchange.flow(), caller.address());
            try (FairLimit.Permit _ = seat(exchange)) {
                paths.answer(exchange);
            } finally {
                exchange.release();
            }
            if (!exchange.upgraded()) {
                callback.succeeded();
            }
        } catch (ClientGoneException | IOException e) {
            LOG.debug("the client left", e);
            callback.failed(e);
        } catch (RuntimeException e) {
            ApiFailure failure = failure(e, caller, request);
            if (exchange == null) {
                exchange = Exchange.withoutQuery(request, response, callback, caller, config, limits);
            }
            fail(exchange, failure, callback);
        }
        return true;
    }

    private void fail(Exchange exchange, ApiFailure failure, Callback callback) {
        if (failure.code() >= 500) {
            failures.increment();
        }
        if (exchange.begun()) {
            callback.failed(failure);
            return;
        }
        try {
            if (failure.retryAfterSeconds() > 0) {
                exchange.setHeader("Retry-After", Integer.toString(failure.retryAfterSeconds()));
            }
            if (failure.code() == 408 || failure.code() == 413) {
                exchange.close();
            }
            exchange.discardBody();
            exchange.send(failure.code(), failure.status());
            callback.succeeded();
        } catch (ClientGoneException e) {
            callback.failed(e);
        }
    }

    private static ApiFailure failure(RuntimeException e, Caller caller, Request request) {
        return switch (e) {
            case ApiFailure failure -> failure;
            case FutureRevisionException future -> ApiFailure.resourceVersionTooLarge(0, future.current());
            case ExpiredException expired -> ApiFailure.expired(String.valueOf(expired.getMessage()));
            case StoreUnavailableException unavailable ->
                ApiFailure.unavailable("the store is unavailable: " + unavailable.getMessage());
            default -> {
                LOG.error(
                        "{} {} by {} failed", request.getMethod(), Request.getPathInContext(request), caller.user(), e);
                yield new ApiFailure(
                        500,
                        "InternalError",
                        "Internal error occurred: " + e.getClass().getSimpleName(),
                        null);
            }
        };
    }

    /** Who asks whether the centre is well gets an answer however much is under way. */
    private FairLimit.Permit seat(Exchange exchange) {
        if (!exchange.path().isEmpty() && UNSEATED.contains(exchange.path().getFirst())) {
            return () -> {};
        }
        return lasts(exchange) ? limits.watch(exchange.flow()) : limits.request(exchange.flow());
    }

    private static boolean lasts(Exchange exchange) {
        return exchange.parameter("watch").equals("true")
                || exchange.parameter("watch").equals("1")
                || exchange.parameter("follow").equals("true")
                || (!exchange.path().isEmpty() && exchange.path().getLast().equals("subscribe"));
    }

    /** A connection or a resumed TLS session may be older than the end of the trust in its certificate. */
    private Caller caller(Request request) {
        String address = address(request.getConnectionMetaData().getRemoteSocketAddress());
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        EndPoint.SslSessionData session = endPoint.getSslSessionData();
        X509Certificate[] chain = session == null ? null : session.peerCertificates();
        return chain == null || chain.length == 0 || !authorities.trusts(chain[0])
                ? Caller.anonymous(address)
                : Caller.of(chain[0], address);
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress().getHostAddress()
                : "unknown";
    }
}
