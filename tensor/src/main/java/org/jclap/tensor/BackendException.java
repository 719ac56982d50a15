package org.jclap.tensor;

/** A backend that failed at its work, as by a fault of its device. The message says at what, and how to go on. */
public class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A failure with what a user should know. */
    public BackendException(String message) {
        super(message);
    }
}
