package dev.selvage.bench;

/** One set of figures that are measured together. */
interface Bench {
    /** As on the command line. */
    String name();

    /** One line. */
    String description();

    /** How long it takes, where that is its own choice and nobody said otherwise. */
    default int minutes() {
        return 10;
    }

    /** Measures; whatever it started is gone when this returns or throws. */
    Report run(Context context) throws Exception;
}
