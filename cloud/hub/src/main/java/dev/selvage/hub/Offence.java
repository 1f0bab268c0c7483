package dev.selvage.hub;

/** What no honest agent does. */
enum Offence {
    FLOOD("LinkFlooded", "sends more than a node may"),
    FOREIGN("ForeignReports", "reports what is not its own"),
    REPLAY("SequenceRepeated", "sends what it has sent before, or out of order"),
    DEAF("LinkNotRead", "does not read what the hub sends"),
    PROTOCOL("ProtocolBroken", "sends what the protocol does not allow");

    private final String reason;
    private final String words;

    Offence(String reason, String words) {
        this.reason = reason;
        this.words = words;
    }

    /** Of the Event on the Node. */
    String reason() {
        return reason;
    }

    String words() {
        return words;
    }
}
