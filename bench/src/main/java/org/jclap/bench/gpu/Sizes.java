package org.jclap.bench.gpu;

import java.util.List;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14Config;

/** What is measured: the published sizes, or some that an emulated device can do. */
enum Sizes {
    /** CNN14 and BERT as published, 128 clips of 5 s and captions of 100 tokens. */
    PUBLISHED {
        @Override
        ClapConfig model() {
            return ClapConfig.base();
        }

        @Override
        int batch() {
            return 128;
        }

        @Override
        int frames() {
            return 690;
        }

        @Override
        int tokens() {
            return 100;
        }

        @Override
        List<Integer> products() {
            return List.of(1024, 4096, 8192);
        }

        @Override
        int elements() {
            return 1 << 28;
        }

        @Override
        List<Integer> losses() {
            return List.of(4096, 16_384, 65_536, 262_144);
        }

        @Override
        int lossWidth() {
            return 1024;
        }

        @Override
        int caseStride() {
            return 1;
        }

        @Override
        int launches() {
            return 20_000;
        }
    },

    /** For rehearsals. */
    SMALL {
        @Override
        ClapConfig model() {
            // Wide enough, and with so little dropout, that no clip loses all of its embedding.
            var audio = new Cnn14Config(List.of(2, 4, 4, 8, 8, 32), 32, 4, 32, 64, 0.1, 0.1);
            return new ClapConfig(audio, new BertConfig(50, 16, 1, 16, 2, 32, 0.1, false), 12);
        }

        @Override
        int batch() {
            return 8;
        }

        @Override
        int frames() {
            return 40;
        }

        @Override
        int tokens() {
            return 8;
        }

        @Override
        List<Integer> products() {
            return List.of(48, 64);
        }

        @Override
        int elements() {
            return 1 << 12;
        }

        @Override
        List<Integer> losses() {
            return List.of(64, 128);
        }

        @Override
        int lossWidth() {
            return 16;
        }

        @Override
        int caseStride() {
            return 31;
        }

        @Override
        int launches() {
            return 200;
        }
    };

    /** Teacher and student. */
    abstract ClapConfig model();

    /** Clips of a training step. */
    abstract int batch();

    /** Of a clip's spectrogram. */
    abstract int frames();

    /** Of a caption. */
    abstract int tokens();

    /** Sides of square matrix products, the largest last. */
    abstract List<Integer> products();

    /** Of a tensor that only memory limits, in elements. */
    abstract int elements();

    /** Rows of the contrastive loss, ascending. */
    abstract List<Integer> losses();

    /** Elements of an embedding there. */
    abstract int lossWidth();

    /** The self-test takes one op case in so many. */
    abstract int caseStride();

    /** Launches that are timed together. */
    abstract int launches();
}
