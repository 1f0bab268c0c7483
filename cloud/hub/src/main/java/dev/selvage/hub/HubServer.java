package dev.selvage.hub;

import dev.selvage.identity.PeerCertificates;
import dev.selvage.identity.ServerKeys;
import dev.selvage.link.LinkProtocol;
import dev.selvage.model.Metrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening socket: TLS 1.3, ALPN, frames; each connection that has shaken hands goes to {@code reception} on a virtual thread of its own. */
@SuppressWarnings("FutureReturnValueIgnored") // closing is seen by the close future, stopping by the termination future
final class HubServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HubServer.class);

    private final HubConfig config;
    private final SslContext tls;
    private final PeerCertificates certificates;
    private final Consumer<NodeConnection> reception;
    private final MultiThreadIoEventLoopGroup acceptor;
    private final MultiThreadIoEventLoopGroup workers;
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final Channel listener;

    HubServer(HubConfig config, ServerKeys keys, PeerCertificates certificates, Consumer<NodeConnection> reception)
            throws IOException {
        this.config = config;
        this.reception = reception;
        this.certificates = certificates;
        this.tls = context(keys);
        this.acceptor = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        this.workers = new MultiThreadIoEventLoopGroup(
                Math.min(4, Runtime.getRuntime().availableProcessors()), NioIoHandler.newFactory());
        try {
            this.listener = listen();
        } catch (IOException | RuntimeException e) {
            stopThreads();
            throw e;
        }
    }

    private static SslContext context(ServerKeys keys) throws SSLException {
        return SslContextBuilder.forServer(keys)
                .sslProvider(SslProvider.JDK)
                .trustManager(new AnyCertificate())
                .clientAuth(ClientAuth.OPTIONAL)
                .protocols("TLSv1.3")
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.FATAL_ALERT,
                        LinkProtocol.ALPN))
                .build();
    }

    private Channel listen() throws IOException {
        var bound = new ServerBootstrap()
                .group(acceptor, workers)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // a followed log may be silent for long: this tells a node that has gone; heartbeats make it needless
                // elsewhere
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), 60)
                .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), 15)
                .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), 4)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 * 1024, 1024 * 1024))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                })
                .bind(config.host(), config.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "the hub cannot listen on " + config.host() + ":" + config.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    private void accept(SocketChannel channel) {
        if (connections.incrementAndGet() > config.limits().connections()) {
            connections.decrementAndGet();
            refused.increment();
            LOG.warn(
                    "connection from {} closed: {} connections are the limit",
                    channel.remoteAddress(),
                    config.limits().connections());
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        SslHandler handler = tls.newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(config.times().handshake().toMillis());
        var decoder = new FrameDecoder();
        channel.pipeline()
                .addLast(
                        handler,
                        new Handshaken(),
                        decoder,
                        new NodeConnection(channel, decoder, config.times().stall()));
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    boolean listening() {
        return listener.isActive();
    }

    void measure(Metrics into) {
        into.limit("hub_connections", connections.get(), config.limits().connections());
        into.counter("selvage_hub_connections_refused_total", "closed at the limit of connections", refused.sum());
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        stopThreads();
    }

    private void stopThreads() {
        acceptor.shutdownGracefully(0, 2, java.util.concurrent.TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 2, java.util.concurrent.TimeUnit.SECONDS);
        acceptor.terminationFuture().awaitUninterruptibly(Duration.ofSeconds(3).toMillis());
        workers.terminationFuture().awaitUninterruptibly(Duration.ofSeconds(3).toMillis());
    }

    /** Passes a connection on when its handshake is done, or says why it failed. */
    private final class Handshaken extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (event instanceof SslHandshakeCompletionEvent done) {
                if (done.isSuccess() && spoken(context)) {
                    var connection = context.pipeline().get(NodeConnection.class);
                    connection.judged(certificates.judge(chain(context)));
                    Thread.ofVirtual()
                            .name("hub-" + context.channel().remoteAddress())
                            .start(() -> reception.accept(connection));
                } else {
                    LOG.info("handshake with {} failed: {}", context.channel().remoteAddress(), reason(done));
                    context.close();
                }
            }
            super.userEventTriggered(context, event);
        }

        private static boolean spoken(ChannelHandlerContext context) {
            return LinkProtocol.ALPN.equals(
                    context.pipeline().get(SslHandler.class).applicationProtocol());
        }

        private static List<X509Certificate> chain(ChannelHandlerContext context) {
            try {
                var session = context.pipeline().get(SslHandler.class).engine().getSession();
                return Arrays.stream(session.getPeerCertificates())
                        .map(X509Certificate.class::cast)
                        .toList();
            } catch (SSLPeerUnverifiedException e) {
                return List.of();
            }
        }

        private static String reason(SslHandshakeCompletionEvent done) {
            return done.isSuccess()
                    ? "the peer does not speak " + LinkProtocol.ALPN
                    : String.valueOf(done.cause().getMessage());
        }
    }
}
