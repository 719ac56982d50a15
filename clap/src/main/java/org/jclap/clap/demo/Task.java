package org.jclap.clap.demo;

import java.nio.file.Path;
import org.jclap.clap.data.ClassificationLayout;
import org.jclap.clap.data.ClassificationSet;

/** The zero-shot tasks. */
public enum Task {
    /** 50 classes of events. */
    ESC50(ClassificationLayout.ESC50, "ESC-50"),
    /** 10 classes of city sounds. */
    US8K(ClassificationLayout.US8K, "US8K"),
    /** 15 acoustic scenes. */
    TUT17(ClassificationLayout.TUT17, "TUT17");

    private final ClassificationLayout layout;
    private final String title;

    Task(ClassificationLayout layout, String title) {
        this.layout = layout;
        this.title = title;
    }

    /** The name in tables. */
    public String title() {
        return title;
    }

    ClassificationSet read(Path corpus) {
        return layout.read(corpus);
    }
}
