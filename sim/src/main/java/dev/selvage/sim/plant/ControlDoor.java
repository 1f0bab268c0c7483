package dev.selvage.sim.plant;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The plant's HTTP door on loopback, for people and tests: {@code GET /state}, {@code POST /door/open}, {@code POST
 * /door/close}, {@code POST /fault/NAME?for=MILLIS&ms=MILLIS}, {@code POST /clear}, {@code POST /restart}. Each takes {@code ?room=N}; without it,
 * all rooms are meant. Answers are JSON.
 */
final class ControlDoor implements AutoCloseable {
    private record Answer(int status, String body) {
        static Answer error(int status, String message) {
            return new Answer(status, "{\"error\":\"" + message.replaceAll("[\"\\\\\\p{Cntrl}]", "?") + "\"}");
        }
    }

    private final Plant plant;
    private final HttpServer server;

    ControlDoor(Plant plant, int port) throws IOException {
        this.plant = plant;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
        server.createContext("/", this::handle);
    }

    void start() {
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (IllegalArgumentException e) {
                answer = Answer.error(400, String.valueOf(e.getMessage()));
            }
            byte[] body = (answer.body + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer answer(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        Map<String, String> query = query(exchange.getRequestURI().getQuery());
        List<Room> rooms = rooms(query);
        boolean post = exchange.getRequestMethod().equals("POST");
        if (path.equals("/state") && !post) {
            return state(rooms);
        }
        if (!post) {
            return Answer.error(
                    404, "accepted: GET /state, POST /door/open, /door/close, /fault/NAME, /clear, /restart");
        }
        if (path.equals("/door/open") || path.equals("/door/close")) {
            rooms.forEach(room -> door(room, path.endsWith("open")));
        } else if (path.equals("/clear")) {
            rooms.forEach(this::clear);
        } else if (path.equals("/restart")) {
            rooms.forEach(this::restart);
        } else if (path.startsWith("/fault/")) {
            String name = path.substring("/fault/".length());
            Fault fault = Fault.of(name)
                    .orElseThrow(() ->
                            new IllegalArgumentException("fault: found " + name + ", accepted " + Fault.labels()));
            rooms.forEach(room -> fault(room, fault, number(query, "for", 0), number(query, "ms", 1500)));
        } else {
            return Answer.error(404, "accepted: /state, /door/open, /door/close, /fault/NAME, /clear, /restart");
        }
        return state(rooms);
    }

    private void door(Room room, boolean open) {
        room.door(open);
        plant.note(room, "\"door\":" + open + ",\"by\":\"control\"");
    }

    private void fault(Room room, Fault fault, int forMillis, int slowMillis) {
        room.fault(fault, Duration.ofMillis(forMillis), slowMillis);
        plant.note(room, "\"fault\":\"" + fault.label() + "\"");
    }

    private void clear(Room room) {
        room.clear();
        plant.note(room, "\"fault\":\"none\"");
    }

    private void restart(Room room) {
        room.restart();
        plant.note(room, "\"restart\":true");
    }

    private static Answer state(List<Room> rooms) {
        String list = rooms.stream().map(room -> "{" + room.json() + "}").collect(Collectors.joining(","));
        return new Answer(200, "{\"rooms\":[" + list + "]}");
    }

    private List<Room> rooms(Map<String, String> query) {
        if (!query.containsKey("room")) {
            return plant.rooms();
        }
        int unit = number(query, "room", 1);
        return List.of(plant.room(unit)
                .orElseThrow(() -> new IllegalArgumentException("room: found " + unit + ", accepted 1 to "
                        + plant.rooms().size())));
    }

    private static int number(Map<String, String> query, String name, int otherwise) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,7}")) {
            throw new IllegalArgumentException(name + ": found " + text + ", accepted a whole number up to 9999999");
        }
        return Integer.parseInt(text);
    }

    private static Map<String, String> query(@org.jspecify.annotations.Nullable String query) {
        return query == null
                ? Map.of()
                : Arrays.stream(query.split("&"))
                        .map(pair -> pair.split("=", 2))
                        .filter(pair -> pair.length == 2)
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (first, second) -> second));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
