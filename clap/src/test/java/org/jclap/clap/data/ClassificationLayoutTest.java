package org.jclap.clap.data;

import static org.jclap.clap.data.TestFiles.audio;
import static org.jclap.clap.data.TestFiles.rejects;
import static org.jclap.clap.data.TestFiles.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jclap.clap.text.Damage;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassificationLayoutTest {
    @TempDir
    private Path root;

    private Path esc50(String folder) throws IOException {
        var base = root.resolve(folder);
        audio(base.resolve("audio"), "1-100032-A-0.wav", "5-9032-A-42.wav", "2-7-B-9.wav");
        return write(base.resolve("meta/esc50.csv"), """
            filename,fold,target,category,esc10,src_file,take
            5-9032-A-42.wav,5,42,siren,False,9032,A
            1-100032-A-0.wav,1,0,dog,True,100032,A
            2-7-B-9.wav,2,9,crow/raven_bird,False,7,B
            3-8-A-0.wav,3,0,dog,True,8,A
            """);
    }

    @Test
    void readsEsc50InTheOrderOfTargets() throws IOException {
        esc50("ESC-50-master");
        for (var start : List.of(root, root.resolve("ESC-50-master"))) {
            var set = ClassificationLayout.of("esc50").read(start);
            assertEquals(List.of("dog", "crow raven bird", "siren"), set.classes());
            var siren = set.clips().getFirst();
            assertEquals(
                    new LabelledClip(
                            "5-9032-A-42",
                            root.resolve("ESC-50-master/audio/5-9032-A-42.wav"),
                            List.of(2),
                            "5",
                            "freesound:9032"),
                    siren);
            assertEquals(2, siren.label());
            assertEquals(1, set.missing().size());
            assertTrue(
                    set.missing().getFirst().contains("esc50.csv, line 5"),
                    set.missing().getFirst());
            assertFalse(set.multiLabel());
            assertEquals("1-100032-A-0", set.audio().get(1).id());
        }
    }

    @Test
    void refusesContradictoryAndRepeatedRows() throws IOException {
        var file = esc50("ESC-50-master");
        var text = Files.readString(file);
        write(file, text.replace("3,0,dog", "3,0,cat"));
        rejects(() -> ClassificationLayout.ESC50.read(root), "line 5", "target 0", "cat", "dog");
        write(file, text.replace("5,42,siren", "5,42,dog"));
        rejects(() -> ClassificationLayout.ESC50.read(root), "esc50.csv", "two classes", "dog");
        write(file, text.replace("3-8-A-0", "1-100032-A-0"));
        rejects(() -> ClassificationLayout.ESC50.read(root), "line 5", "listed twice");
        write(file, text.replace("5,42,siren", "5,x,siren"));
        rejects(() -> ClassificationLayout.ESC50.read(root), "line 2", "target", "\"x\"");
        write(file, text.replaceAll("(?m)^\\d", "9"));
        rejects(() -> ClassificationLayout.ESC50.read(root), "no clip", "9-9032-A-42.wav");
    }

    @Test
    void saysWhereASetWasLookedFor() {
        rejects(() -> ClassificationLayout.ESC50.read(root), root.toString(), "ESC-50-master/meta/esc50.csv");
        rejects(() -> ClassificationLayout.TUT17.read(root), "TUT-acoustic-scenes-2017-development/meta.txt");
        rejects(() -> ClassificationLayout.of("esc10"), "esc10", "us8k");
    }

    @Test
    void readsUrbanSoundInTheOrderOfClassIds() throws IOException {
        audio(root.resolve("UrbanSound8K/audio"), "fold5/100032-3-0-0.wav", "fold10/14113-1-0-0.wav");
        write(root.resolve("UrbanSound8K/metadata/UrbanSound8K.csv"), """
            slice_file_name,fsID,start,end,salience,fold,classID,class
            100032-3-0-0.wav,100032,0.0,0.317551,1,5,3,dog_bark
            14113-1-0-0.wav,14113,1,2,1,10,1,car_horn
            """);
        var set = ClassificationLayout.US8K.read(root);
        assertEquals(List.of("car horn", "dog bark"), set.classes());
        assertEquals("5", set.clips().get(0).fold());
        assertEquals(1, set.clips().get(0).label());
        assertEquals("freesound:100032", set.clips().get(0).recording());
        assertEquals(List.of(), set.missing());
    }

    @Test
    void joinsBothPartsOfTut17WithTwoOrThreeColumns() throws IOException {
        var development = root.resolve("TUT-acoustic-scenes-2017-development");
        var evaluation = root.resolve("TUT-acoustic-scenes-2017-evaluation");
        audio(development, "audio/b020_90_100.wav", "audio/a1_0_10.wav");
        audio(evaluation, "audio/1.wav");
        write(
                development.resolve("meta.txt"),
                "audio/b020_90_100.wav\tforest_path\tb020\r\naudio/a1_0_10.wav\tbeach\ta1\r\n");
        var meta = write(evaluation.resolve("meta.txt"), "audio/1.wav\tcafe/restaurant\n");
        var set = ClassificationLayout.TUT17.read(root);
        assertEquals(List.of("beach", "cafe restaurant", "forest path"), set.classes());
        assertEquals(
                List.of("development/b020_90_100", "development/a1_0_10", "evaluation/1"),
                set.clips().stream().map(LabelledClip::id).toList());
        assertEquals(
                List.of(2, 0, 1), set.clips().stream().map(LabelledClip::label).toList());
        assertEquals("tut2017:b020", set.clips().get(0).recording());
        assertNull(set.clips().get(2).recording());
        assertEquals("evaluation", set.clips().get(2).fold());
        Files.delete(meta);
        var part = ClassificationLayout.TUT17.read(root);
        assertEquals(2, part.clips().size());
        assertTrue(
                part.missing().getFirst().contains("evaluation"), part.missing().getFirst());
    }

    private Path fsd50k() throws IOException {
        audio(root, "FSD50K.dev_audio/64760.wav", "FSD50K.dev_audio/16399.wav", "FSD50K.eval_audio/37199.wav");
        var truth = root.resolve("FSD50K.ground_truth");
        write(truth.resolve("vocabulary.csv"), "0,Accordion,/m/0mkg\n1,Electric_guitar,/m/02sgy\n2,Guitar,/m/0342h\n");
        write(truth.resolve("eval.csv"), "fname,labels,mids\n37199,Accordion,/m/0mkg\n");
        return write(truth.resolve("dev.csv"), """
            fname,labels,mids,split
            64760,"Guitar,Electric_guitar","/m/0342h,/m/02sgy",train
            16399,Accordion,/m/0mkg,val
            """);
    }

    @Test
    void readsSeveralLabelsOfFsd50k() throws IOException {
        var file = fsd50k();
        var set = ClassificationLayout.FSD50K.read(root);
        assertEquals(List.of("Accordion", "Electric guitar", "Guitar"), set.classes());
        assertTrue(set.multiLabel());
        assertEquals(List.of(2, 1), set.clips().get(0).labels());
        assertEquals(
                List.of("train", "val", "eval"),
                set.clips().stream().map(LabelledClip::fold).toList());
        assertEquals("freesound:37199", set.clips().get(2).recording());
        write(file, "fname,labels\n64760,Banjo\n");
        rejects(() -> ClassificationLayout.FSD50K.read(root), "dev.csv, line 2", "Banjo");
    }

    private void audioSet() throws IOException {
        audio(root, "audio/eval/Y--4gqARaEJE.wav", "audio/-x_Y.m4a");
        write(
                root.resolve("class_labels_indices.csv"),
                "index,mid,display_name\n0,/m/09x0r,\"Speech\"\n1,/m/05zppz,\"Male speech, man speaking\"\n");
        write(root.resolve("eval_segments.csv"), """
            # Segments csv created Sun Mar  5 10:54:25 2017
            # num_ytids=20371, num_segs=20371, num_unique_labels=527, num_positive_labels=51804
            # YTID, start_seconds, end_seconds, positive_labels
            --4gqARaEJE, 0.000, 10.000, "/m/09x0r,/m/05zppz"
            """);
        write(root.resolve("balanced_train_segments.csv"), """
            # YTID, start_seconds, end_seconds, positive_labels
            -x_Y, 30.000, 40.000, "/m/05zppz"
            abc, 1.000, 11.000, "/m/09x0r"
            """);
    }

    @Test
    void readsAudioSetSegments() throws IOException {
        audioSet();
        var set = ClassificationLayout.AUDIOSET.read(root);
        assertEquals(List.of("Speech", "Male speech, man speaking"), set.classes());
        assertEquals(
                List.of("-x_Y", "--4gqARaEJE"),
                set.clips().stream().map(LabelledClip::id).toList());
        assertEquals(List.of(0, 1), set.clips().get(1).labels());
        assertEquals("eval", set.clips().get(1).fold());
        assertEquals("youtube:--4gqARaEJE", set.clips().get(1).recording());
        assertEquals(1, set.missing().size());
    }

    @Test
    void readsPlainTables() throws IOException {
        audio(root, "a.wav", "b.wav");
        var file = write(root.resolve("mine.csv"), "ID,wav_path,class_name\n1,b.wav,tram\n2,a.wav,bus_stop\n");
        var set = ClassificationLayout.CSV.read(file);
        assertEquals("mine", set.name());
        assertEquals(List.of("bus stop", "tram"), set.classes());
        assertEquals(
                List.of(1, 0), set.clips().stream().map(LabelledClip::label).toList());
        write(file, "ID,wav_path,class_name,class_idx,fold\n1,b.wav,tram,0,3\n2,a.wav,bus_stop,4,3\n");
        var indexed = ClassificationLayout.CSV.read(file);
        assertEquals(List.of("tram", "bus stop"), indexed.classes());
        assertEquals("3", indexed.clips().getFirst().fold());
        write(file, "ID,wav_path,class_name,class_idx\n1,b.wav,tram,0\n2,a.wav,bus_stop,\n");
        rejects(() -> ClassificationLayout.CSV.read(file), "mine.csv, line 3", "class_idx");
    }

    @Test
    void damagedTablesLoadOrAreRefused() throws IOException {
        esc50("ESC-50-master");
        fsd50k();
        audioSet();
        var tut = root.resolve("TUT-acoustic-scenes-2017-development");
        audio(tut, "audio/a.wav");
        write(tut.resolve("meta.txt"), "audio/a.wav\tbeach\ta1\naudio/b.wav\tcafe/restaurant\tb2\n");
        var files = Map.of(
                "ESC-50-master/meta/esc50.csv", ClassificationLayout.ESC50,
                "FSD50K.ground_truth/dev.csv", ClassificationLayout.FSD50K,
                "FSD50K.ground_truth/vocabulary.csv", ClassificationLayout.FSD50K,
                "eval_segments.csv", ClassificationLayout.AUDIOSET,
                "class_labels_indices.csv", ClassificationLayout.AUDIOSET,
                "TUT-acoustic-scenes-2017-development/meta.txt", ClassificationLayout.TUT17);
        for (var entry : files.entrySet()) {
            var file = root.resolve(entry.getKey());
            var good = Files.readAllBytes(file);
            for (var seed = 0; seed < 300; seed++) {
                Files.write(file, Damage.of(good, new Random(seed)));
                try {
                    entry.getValue().read(root);
                } catch (UserException e) {
                    assertTrue(e.getMessage().contains(root.toString()), "seed " + seed + ": " + e.getMessage());
                } catch (RuntimeException e) {
                    fail(entry.getKey() + ", seed " + seed, e);
                }
            }
            Files.write(file, good);
        }
    }
}
