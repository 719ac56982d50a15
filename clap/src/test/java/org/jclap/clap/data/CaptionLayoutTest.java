package org.jclap.clap.data;

import static org.jclap.clap.data.TestFiles.audio;
import static org.jclap.clap.data.TestFiles.rejects;
import static org.jclap.clap.data.TestFiles.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jclap.clap.text.Damage;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionLayoutTest {
    @TempDir
    private Path root;

    private void clotho() throws IOException {
        audio(root, "clotho_audio_files/development/Distorted AM Radio.wav", "clotho_audio_files/development/b.wav");
        write(root.resolve("clotho_csv_files/clotho_captions_development.csv"), """
            file_name,caption_1,caption_2,caption_3,caption_4,caption_5
            Distorted AM Radio.wav,"Rain, falls",a_b.,Rain falls,Zoo,\ud83d\udc36 \ufb01
            b.wav,Only one.,,,,
            gone.wav,a,b,c,d,e
            """);
        write(root.resolve("clotho_csv_files/clotho_metadata_development.csv"), """
            file_name,keywords,sound_id,sound_link,start_end_samples,manufacturer,license
            Distorted AM Radio.wav,\u00e9,98199,x,"[0, 1]",y,z
            b.wav,k,Not found,x,NA,y,z
            """, StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsClothoWithDistinctSortedCaptions() throws IOException {
        clotho();
        var set = CaptionLayout.of("clotho").read(root);
        var first = set.clips().getFirst();
        assertEquals("clotho/development/Distorted AM Radio.wav", first.id());
        assertEquals(List.of("Rain falls", "Zoo", "a b.", "\ud83d\udc36 \ufb01"), first.captions());
        assertEquals("freesound:98199", first.recording());
        assertNull(set.clips().get(1).recording());
        assertEquals(1, set.missing().size());
        assertTrue(set.missing().getFirst().contains("gone.wav"), set.missing().getFirst());
        assertEquals(5, set.pairs().size());
        assertEquals("Only one.", set.pairs().get(4).caption());
        rejects(() -> CaptionLayout.CLOTHO.read(root, "test"), "clotho_captions_test.csv");
    }

    @Test
    void sortsCaptionsByCodePoint() throws IOException {
        clotho();
        var file = root.resolve("clotho_csv_files/clotho_captions_development.csv");
        write(file, "file_name,caption_1,caption_2\nb.wav,\ud83d\udc36,\ufb01\n");
        assertEquals(
                List.of("\ufb01", "\ud83d\udc36"),
                CaptionLayout.CLOTHO.read(root).clips().getFirst().captions());
    }

    @Test
    void joinsTheFiveRowsOfAnAudioCapsExcerpt() throws IOException {
        audio(root, "audio/test/Yrqfq.wav", "audio/test/abc_30.flac", "audio/test/7.wav");
        write(root.resolve("csv_files/test.csv"), """
            audiocap_id,youtube_id,start_time,caption
            1,rqfq,130,"A woman talks, nearby"
            2,abc,30,Rain
            3,rqfq,130,A woman talks nearby
            7,xyz,0,Wind
            8,lost,0,Nothing
            """);
        var set = CaptionLayout.AUDIOCAPS.read(root, "test");
        assertEquals(3, set.clips().size());
        var first = set.clips().getFirst();
        assertEquals(List.of("A woman talks nearby", "A woman talks nearby"), first.captions());
        assertEquals("youtube:rqfq", first.recording());
        assertEquals(root.resolve("audio/test/7.wav"), set.clips().get(2).path());
        assertEquals(List.of("audiocaps/test/lost_0: there is no audio file"), set.missing());
    }

    private void fsd50k() throws IOException {
        audio(root, "FSD50K.dev_audio/1.wav", "FSD50K.dev_audio/2.wav", "FSD50K.dev_audio/3.wav");
        write(root.resolve("FSD50K.metadata/dev_clips_info_FSD50K.json"), """
            {"2": {"title": "Rain.wav", "description": "Heavy rain,\\r\\nsee <a href='x'>here</a>", "tags": ["rain"]},
             "1": {"title": "Dog_bark.wav", "description": " ", "tags": []},
             "3": {"title": "", "description": "<a>x</a>"}}
            """);
    }

    @Test
    void readsWhatFreesoundUsersWrote() throws IOException {
        fsd50k();
        var set = CaptionLayout.FSD50K.read(root);
        assertEquals(
                List.of("Heavy rain see", "Dog bark.wav"),
                set.pairs().stream().map(AudioItem::caption).toList());
        assertEquals("freesound:2", set.clips().getFirst().recording());
        assertTrue(
                set.missing().getFirst().contains("fsd50k/dev/3"), set.missing().getFirst());
    }

    private void macs() throws IOException {
        audio(root, "TAU-urban-acoustic-scenes-2019-development/audio/park-barcelona-120-3615-a.wav");
        write(root.resolve("MACS/MACS.yaml"), """
            files:
            - filename: park-barcelona-120-3615-a.wav
              annotations:
              - annotator_id: 5
                sentence: people, talking
                tags: [adults_talking]
              - {annotator_id: 6, sentence: birds are singing, tags: []}
              - {annotator_id: 7, sentence: people talking, tags: []}
            - filename: park-lisbon-1-2-a.wav
              annotations: [{annotator_id: 1, sentence: wind}]
            """);
    }

    @Test
    void readsMacsWithTheAudioBesideIt() throws IOException {
        macs();
        var set = CaptionLayout.MACS.read(root.resolve("MACS"));
        assertEquals(1, set.clips().size());
        assertEquals(
                List.of("birds are singing", "people talking"),
                set.clips().getFirst().captions());
        assertEquals("tau2019:park-barcelona-120", set.clips().getFirst().recording());
        assertEquals(1, set.missing().size());
    }

    @Test
    void readsMacsOfThePublishedSize() throws IOException {
        macs();
        var file = root.resolve("MACS/MACS.yaml");
        var text = new StringBuilder(Files.readString(file));
        for (var i = 0; i < 4000; i++) {
            text.append("- filename: park-lisbon-").append(i).append("-0-a.wav\n  annotations:\n");
            text.append("  - annotator_id: 1\n    sentence: ")
                    .append("wind in the trees ".repeat(50))
                    .append('\n');
        }
        write(file, text.toString());
        assertTrue(text.length() > 3 * 1024 * 1024);
        assertEquals(
                4001, CaptionLayout.MACS.read(root.resolve("MACS")).missing().size());
    }

    @Test
    void readsCleanedPairsFromAManifestInItsOrder() throws IOException {
        audio(root, "a.wav", "b.wav");
        var file = write(
                root.resolve("pairs.csv"), "ID,wav_path,caption\n1,b.wav,\"x, y\"\n2,a.wav,z\n1,b.wav,_w\n3,c.wav,v\n");
        var set = CaptionLayout.MANIFEST.read(file);
        assertEquals(
                List.of("x y", "z", "w"),
                set.pairs().stream().map(AudioItem::caption).toList());
        assertEquals(1, set.missing().size());
        rejects(
                () -> CaptionLayout.MANIFEST.read(write(file, "ID,wav_path,caption\n3,c.wav,v\n")),
                "pairs.csv",
                "no clip",
                "c.wav");
    }

    @Test
    void damagedFilesLoadOrAreRefused() throws IOException {
        clotho();
        fsd50k();
        macs();
        var files = Map.of(
                "clotho_csv_files/clotho_captions_development.csv", CaptionLayout.CLOTHO,
                "clotho_csv_files/clotho_metadata_development.csv", CaptionLayout.CLOTHO,
                "FSD50K.metadata/dev_clips_info_FSD50K.json", CaptionLayout.FSD50K,
                "MACS/MACS.yaml", CaptionLayout.MACS);
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
