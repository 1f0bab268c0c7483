package dev.selvage.bench;

import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusServices;
import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.tcp.server.NettyServerTransportConfig;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import dev.selvage.model.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * Many Modbus devices in a process of their own: one server, a device on each address of 127.2.0.0/16 that is called. Their registers are other ones at each
 * poll. It notes when each device was polled, and for a line of input {@code MILLIS} says what came of the polls since the last one, at that period.
 */
final class ModbusFleet {
    private static final double LATE = 0.1;

    private final Map<String, List<Long>> polls = new ConcurrentHashMap<>();

    private ModbusFleet() {}

    public static void main(String[] arguments) throws Exception {
        ModbusFleet fleet = new ModbusFleet();
        int port = Integer.parseInt(arguments[0]);
        ModbusTcpServer server = ModbusTcpServer.create(
                NettyTcpServerTransport.create((NettyServerTransportConfig.Builder transport) ->
                        transport.setBindAddress("0.0.0.0").setPort(port)),
                fleet.services());
        server.start();
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            System.out.println(fleet.since(Long.parseLong(line) * 1_000_000));
        }
        server.stop();
        System.exit(0);
    }

    private ModbusServices services() {
        return new ModbusServices() {
            @Override
            public ReadHoldingRegistersResponse readHoldingRegisters(
                    ModbusRequestContext context, int unit, ReadHoldingRegistersRequest request) {
                return answer(context, request.address(), request.quantity());
            }
        };
    }

    private ReadHoldingRegistersResponse answer(ModbusRequestContext context, int address, int quantity) {
        long now = System.nanoTime();
        var tcp = (ModbusRequestContext.ModbusTcpRequestContext) context;
        String device = ((InetSocketAddress) tcp.localAddress()).getAddress().getHostAddress();
        List<Long> times = polls.computeIfAbsent(device, _ -> new ArrayList<>());
        int turn;
        synchronized (times) {
            times.add(now);
            turn = times.size();
        }
        ByteBuffer registers = ByteBuffer.allocate(2 * quantity);
        for (int i = 0; i < quantity; i++) {
            registers.putShort((short) (address + i + turn));
        }
        return new ReadHoldingRegistersResponse(registers.array());
    }

    /** Polls, missed ones, and by how much each came later than the grid on which the earliest lie; forgets them. */
    private String since(long period) {
        List<Long> late = new ArrayList<>();
        long missed = 0;
        long count = 0;
        for (List<Long> times : polls.values()) {
            List<Long> taken;
            synchronized (times) {
                taken = List.copyOf(times);
                times.clear();
            }
            count += taken.size();
            List<Long> offsets = new ArrayList<>();
            long turn = 0;
            for (int i = 0; i < taken.size(); i++) {
                if (i > 0) {
                    long turns = Math.max(1, Math.round((taken.get(i) - taken.get(i - 1)) / (double) period));
                    missed += turns - 1;
                    turn += turns;
                }
                offsets.add(taken.get(i) - turn * period);
            }
            long grid = offsets.stream().mapToLong(Long::longValue).min().orElse(0);
            offsets.forEach(offset -> late.add(offset - grid));
        }
        return Json.text(Json.object()
                .put("devices", polls.size())
                .put("polls", count)
                .put("missed", missed)
                .put("late", late.stream().filter(by -> by > period * LATE).count())
                .put("p99Millis", rank(late, 0.99) / 1e6)
                .put("largestMillis", rank(late, 1) / 1e6));
    }

    private static long rank(List<Long> values, double part) {
        long[] sorted = values.stream().flatMapToLong(LongStream::of).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
    }
}
