package dev.selvage.containers;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The head of an answer (RFC 9112) and its body.
 *
 * @param headers names in lower case; of a repeated one the last
 * @param body ends with the answer; after an upgrade it is the raw connection
 */
record HttpReply(int status, Map<String, String> headers, InputStream body) {
    private static final int LONGEST_LINE = 8 << 10;
    private static final int MOST_HEADERS = 100;

    static HttpReply read(InputStream in) throws IOException {
        String first = line(in, LONGEST_LINE);
        String[] words = first.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-5]\\d\\d")) {
            throw new IOException("\"" + first + "\": accepted: a status line of HTTP/1.1");
        }
        int status = Integer.parseInt(words[1]);
        Map<String, String> headers = headers(in);
        if (status == 100) {
            return read(in);
        }
        return new HttpReply(status, headers, body(status, headers, in));
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in, LONGEST_LINE); !line.isEmpty(); line = line(in, LONGEST_LINE)) {
            int colon = line.indexOf(':');
            if (colon < 1 || headers.size() >= MOST_HEADERS) {
                throw new IOException("header \"" + line + "\": accepted: NAME: VALUE, at most " + MOST_HEADERS);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static InputStream body(int status, Map<String, String> headers, InputStream in) throws IOException {
        if (status == 101) {
            return in;
        }
        if (status == 204 || status == 304) {
            return InputStream.nullInputStream();
        }
        if (headers.getOrDefault("transfer-encoding", "")
                .toLowerCase(Locale.ROOT)
                .contains("chunked")) {
            return new ChunkedInput(in);
        }
        String length = headers.get("content-length");
        if (length == null) {
            return in; // until the connection ends, as after Connection: close
        }
        if (!length.matches("\\d{1,18}")) {
            throw new IOException("Content-Length \"" + length + "\": accepted: digits");
        }
        return new FixedInput(in, Long.parseLong(length));
    }

    static String line(InputStream in, int longest) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection ended before an answer");
            }
            if (line.size() >= longest) {
                throw new IOException("a line of the answer is longer than " + longest + " bytes");
            }
            line.write(b);
        }
        String text = line.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static final class FixedInput extends InputStream {
        private final InputStream in;
        private long left;

        FixedInput(InputStream in, long length) {
            this.in = in;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(into, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new EOFException("the body ended " + left + " bytes too early");
            }
            left -= count;
            return count;
        }
    }
}
