package org.jclap.kernels.cuda;

import java.nio.file.Path;

/** Files of this user that can be made again: unpacked libraries, compiled kernels. */
final class UserCache {
    private UserCache() {}

    /** {@code $XDG_CACHE_HOME/jclap}, or {@code ~/.cache/jclap}; it may not exist yet. */
    static Path folder() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home", "."), ".cache")
                : Path.of(cache);
        return base.resolve("jclap").toAbsolutePath();
    }
}
