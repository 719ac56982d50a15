package org.jclap.clap.synth;

import java.util.List;
import java.util.Set;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.SoundClass.Origin;

/** The acoustic scenes of TUT 2017: a background of {@link Backgrounds}, and events that may be heard in it. */
final class Scenes {
    static final List<SoundClass> CLASSES = List.of(
            scene(
                    "beach",
                    Set.of("sea_waves"),
                    Backgrounds::beach,
                    "surf washes over the sand|the sea breaks softly on a beach",
                    "a day at the seaside|waves on a sandy shore",
                    "children_playing",
                    "wind",
                    "dog",
                    "footsteps"),
            scene(
                    "bus",
                    Set.of("engine"),
                    Backgrounds::bus,
                    "a bus drives through the town|passengers ride on a bus",
                    "the inside of a bus|a ride on a city bus",
                    "coughing",
                    "telephone",
                    "test_tone",
                    "laughing"),
            scene(
                    "cafe/restaurant",
                    Set.of(),
                    Backgrounds::cafe,
                    "people chat over clinking dishes|guests talk while plates are served|conversations fill a"
                            + " restaurant",
                    "the inside of a busy cafe|a crowded restaurant",
                    "laughing",
                    "pouring_water",
                    "street_music",
                    "coughing"),
            scene(
                    "car",
                    Set.of("engine"),
                    Backgrounds::car,
                    "a car drives along the road|tyres roll on asphalt",
                    "the inside of a moving car|a drive on a motorway",
                    "car_horn",
                    "rain",
                    "test_tone"),
            scene(
                    "city_center",
                    Set.of("engine"),
                    Backgrounds::city,
                    "traffic passes in the city|cars and people move through the centre of town",
                    "a busy street downtown|the bustle of a city centre",
                    "car_horn",
                    "siren",
                    "footsteps",
                    "church_bells",
                    "street_music"),
            scene(
                    "forest_path",
                    Set.of(),
                    Backgrounds::forest,
                    "leaves rustle among the trees|a breeze moves the branches of a forest",
                    "a quiet path through the woods|trees in a forest",
                    "chirping_birds",
                    "footsteps",
                    "crow",
                    "insects"),
            scene(
                    "grocery_store",
                    Set.of(),
                    Backgrounds::grocery,
                    "shoppers push trolleys past the shelves|a cashier scans goods in a supermarket",
                    "the inside of a grocery store|checkouts in a supermarket",
                    "children_playing",
                    "footsteps",
                    "coughing"),
            scene(
                    "home",
                    Set.of(),
                    Backgrounds::home,
                    "a refrigerator hums in the kitchen|somebody potters about at home",
                    "a quiet living room|everyday activity in a flat",
                    "clock_tick",
                    "washing_machine",
                    "pouring_water",
                    "telephone",
                    "door_wood_creaks",
                    "cat"),
            scene(
                    "library",
                    Set.of(),
                    Backgrounds::library,
                    "visitors whisper between bookshelves|readers turn pages in silence",
                    "a hushed reading room|the inside of a library",
                    "paper_rustle",
                    "coughing",
                    "footsteps",
                    "mouse_click"),
            scene(
                    "metro_station",
                    Set.of(),
                    Backgrounds::station,
                    "announcements echo over the platform|commuters wait underground",
                    "an underground station|a metro platform",
                    "train",
                    "footsteps",
                    "whistling",
                    "buzzer"),
            scene(
                    "office",
                    Set.of(),
                    Backgrounds::office,
                    "ventilation hums above the desks|colleagues work in silence",
                    "an office room|a workplace with many desks",
                    "keyboard_typing",
                    "mouse_click",
                    "telephone",
                    "paper_rustle",
                    "air_conditioner"),
            scene(
                    "park",
                    Set.of(),
                    Backgrounds::park,
                    "people stroll across a lawn|distant voices drift over a meadow",
                    "a park on a sunny day|an urban garden",
                    "chirping_birds",
                    "children_playing",
                    "dog",
                    "flute",
                    "footsteps"),
            scene(
                    "residential_area",
                    Set.of(),
                    Backgrounds::residential,
                    "a calm neighbourhood lies in the sun|little happens between the houses",
                    "a residential street|a quiet suburb",
                    "dog",
                    "chirping_birds",
                    "engine",
                    "children_playing",
                    "hand_saw"),
            scene(
                    "train",
                    Set.of("train"),
                    Backgrounds::trainRide,
                    "a train rolls over the joints of the track|travellers sit in a railway carriage",
                    "the inside of a train|a journey by rail",
                    "telephone",
                    "laughing",
                    "snoring"),
            scene(
                    "tram",
                    Set.of(),
                    Backgrounds::tram,
                    "a tram squeals around a bend|a streetcar hums along its rails",
                    "the inside of a tram|a streetcar ride",
                    "test_tone",
                    "coughing",
                    "buzzer"));

    private Scenes() {}

    private static SoundClass scene(
            String label,
            Set<String> concepts,
            Voice background,
            String clauses,
            String phrases,
            String... companions) {
        var all = concepts.isEmpty() ? Set.of(label) : concepts;
        return new SoundClass(
                Origin.TUT17,
                label,
                all,
                new Continuous(),
                background,
                Words.scene(clauses, phrases),
                List.of(companions));
    }
}
