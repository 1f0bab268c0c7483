package dev.selvage.containers;

/**
 * An entry of a tar archive.
 *
 * @param name as it is written
 * @param type of ustar: {@code '0'} a file, {@code '1'} hard link, {@code '2'} symbolic link, {@code '5'} directory
 * @param size bytes that follow in the archive
 * @param realSize bytes of the file that it becomes: more than that for a sparse one
 * @param link target of a link, else empty
 */
record TarEntry(String name, char type, long size, long realSize, String link) {
    boolean isFile() {
        return type == '0' || type == '7' || type == 'S';
    }

    boolean isLink() {
        return type == '1' || type == '2';
    }

    /** Without {@code ./} before and {@code /} behind; empty for the root. */
    String plainName() {
        int from = 0;
        while (name.startsWith("./", from)) {
            from += 2;
        }
        int to = name.length();
        while (to > from && name.charAt(to - 1) == '/') {
            to--;
        }
        String plain = name.substring(from, to);
        return plain.equals(".") ? "" : plain;
    }

    /** Whether a name would lead out of the directory that it is unpacked in. */
    static boolean leadsOut(String name) {
        int depth = 0;
        for (String part : name.split("/")) {
            if (part.equals("..")) {
                depth--;
            } else if (!part.isEmpty() && !part.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }
}
