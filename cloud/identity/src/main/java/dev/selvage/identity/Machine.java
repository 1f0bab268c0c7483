package dev.selvage.identity;

/**
 * A machine that speaks for a node. All but the address is what it says of itself: good enough to tell two machines apart that mean no harm, and to name them.
 *
 * @param address where its connection comes from, without the port
 * @param machineId systemd's machine-id(5); machines that were cloned may share it
 * @param directory where the agent keeps its state
 */
public record Machine(String address, String host, String machineId, String directory) {
    private static final int LONGEST = 200;

    public Machine {
        address = clean(address);
        host = clean(host);
        machineId = clean(machineId);
        directory = clean(directory);
    }

    /** An agent that says nothing of its machine. */
    public static Machine at(String address) {
        return new Machine(address, "", "", "");
    }

    /** Both have said what they are, and they are not the same. An address may change. */
    public boolean differs(Machine other) {
        return !host.isEmpty() && !other.host.isEmpty() && !identity().equals(other.identity());
    }

    /** All but the address; empty for one that says nothing of itself. */
    String identity() {
        return host.isEmpty() ? "" : host + " " + machineId + " " + directory;
    }

    /** For people: {@code host vm-7 (192.0.2.7, /srv/node)}. */
    @Override
    public String toString() {
        return host.isEmpty() ? "a machine at " + address : "host " + host + " (" + address + ", " + directory + ")";
    }

    private static String clean(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "_");
        return printable.length() <= LONGEST ? printable : printable.substring(0, LONGEST);
    }
}
