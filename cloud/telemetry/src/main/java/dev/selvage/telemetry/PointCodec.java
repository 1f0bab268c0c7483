package dev.selvage.telemetry;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Points of one series as bytes: times as delta of deltas, window lengths as deltas, values as the exclusive or with the one before, of which only the
 * bytes that differ are kept (after Gorilla, Pelkonen et al., VLDB 2015, on bytes instead of bits: the deflater that follows does the rest).
 */
final class PointCodec {
    /** More in one piece is taken for damage. */
    static final int MAX_POINTS = 1 << 20;

    private PointCodec() {}

    /** @param points ordered by end */
    static void write(List<Raw> points, ByteSink sink) {
        sink.varint(points.size());
        long end = 0;
        long delta = 0;
        long length = 0;
        long bits = 0;
        for (Raw point : points) {
            long nextDelta = point.end() - end;
            sink.signed(nextDelta - delta);
            long nextLength = point.end() - point.start();
            sink.varint((zigzag(nextLength - length) << 1) | (point.partial() ? 1 : 0));
            long nextBits = Double.doubleToRawLongBits(point.value());
            value(nextBits ^ bits, sink);
            end = point.end();
            delta = nextDelta;
            length = nextLength;
            bits = nextBits;
        }
    }

    /** @throws IllegalArgumentException for bytes that are damaged */
    static List<Raw> read(ByteBuffer source) {
        int count = Math.toIntExact(ByteSink.varint(source));
        if (count < 0 || count > MAX_POINTS) {
            throw new IllegalArgumentException("chunk: found " + count + " points, accepted are up to " + MAX_POINTS);
        }
        List<Raw> points = new ArrayList<>(Math.min(count, 4096));
        long end = 0;
        long delta = 0;
        long length = 0;
        long bits = 0;
        for (int i = 0; i < count; i++) {
            delta += ByteSink.signed(source);
            end += delta;
            long head = ByteSink.varint(source);
            length += unzigzag(head >>> 1);
            bits ^= value(source);
            points.add(new Raw(end - length, end, Double.longBitsToDouble(bits), (head & 1) == 1));
        }
        return points;
    }

    /** One byte says how many bytes are zero before and after; the bytes between follow. Equal values are the one byte 0x80. */
    private static void value(long different, ByteSink sink) {
        if (different == 0) {
            sink.put(0x80);
            return;
        }
        int leading = Long.numberOfLeadingZeros(different) / 8;
        int trailing = Long.numberOfTrailingZeros(different) / 8;
        sink.put((leading << 4) | trailing);
        for (int i = 7 - leading; i >= trailing; i--) {
            sink.put((int) (different >>> (i * 8)));
        }
    }

    private static long value(ByteBuffer source) {
        int head = source.get() & 0xff;
        if (head == 0x80) {
            return 0;
        }
        long different = 0;
        int trailing = head & 0xf;
        for (int i = 7 - (head >>> 4); i >= trailing; i--) {
            different |= (source.get() & 0xffL) << (i * 8);
        }
        return different;
    }

    static long zigzag(long number) {
        return (number << 1) ^ (number >> 63);
    }

    static long unzigzag(long number) {
        return (number >>> 1) ^ -(number & 1);
    }
}
