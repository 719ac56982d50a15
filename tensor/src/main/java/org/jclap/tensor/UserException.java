package org.jclap.tensor;

/**
 * A failure that the user can act on: a bad file, a wrong option, a missing resource.
 *
 * <p>The message names the file or field, the reason and, where there is one, the remedy; the command line prints it
 * without a stack trace.
 */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error with a message that stands on its own. */
    public UserException(String message) {
        super(message);
    }

    /** An error with the lower-level cause that is shown with {@code --stacktrace}. */
    public UserException(String message, Throwable cause) {
        super(message, cause);
    }
}
