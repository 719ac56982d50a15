package org.jclap.clap.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** One run of the command line within this process, and what it printed. */
record CommandRun(int exit, String out, String err) {
    static CommandRun of(Object... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        var texts = new String[arguments.length];
        for (var i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        var exit = line.execute(texts);
        return new CommandRun(exit, out.toString(), err.toString());
    }

    List<String> errors() {
        return err.lines().toList();
    }
}
