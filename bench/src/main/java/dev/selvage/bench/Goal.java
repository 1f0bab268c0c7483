package dev.selvage.bench;

/** What a figure shall not pass. */
sealed interface Goal {
    double limit();

    /** {@code max} or {@code min}. */
    String side();

    boolean holds(double value);

    record Max(double limit) implements Goal {
        @Override
        public String side() {
            return "max";
        }

        @Override
        public boolean holds(double value) {
            return value <= limit;
        }
    }

    record Min(double limit) implements Goal {
        @Override
        public String side() {
            return "min";
        }

        @Override
        public boolean holds(double value) {
            return value >= limit;
        }
    }
}
