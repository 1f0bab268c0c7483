package dev.selvage.control.frame;

/** One controller of the set: listens to informers from its construction, acts from start to close. */
public interface Part extends AutoCloseable {
    void start();

    @Override
    void close();
}
