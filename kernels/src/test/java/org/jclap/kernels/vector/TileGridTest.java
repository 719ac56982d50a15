package org.jclap.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TileGridTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 31, 33, 300, 1000, 5000})
    void visitsEveryElementOnce(int n) {
        List<TileGrid.Tile> tiles = visit(n);
        long elements =
                tiles.stream().mapToLong(t -> (long) t.rows() * t.columns()).sum();
        assertEquals((long) n * n, elements);
        assertEquals(
                tiles.size(),
                tiles.stream()
                        .map(t -> t.row() * 100_000L + t.column())
                        .distinct()
                        .count());
    }

    @ParameterizedTest
    @ValueSource(ints = {33, 300, 5000})
    void tilesOfOneWaveShareNeitherRowsNorColumns(int n) {
        Map<String, TileGrid.Tile> lines = new HashMap<>();
        for (TileGrid.Tile tile : visit(n)) {
            assertEquals(null, lines.put("row %d in wave %d".formatted(tile.row(), tile.wave()), tile));
            assertEquals(null, lines.put("column %d in wave %d".formatted(tile.column(), tile.wave()), tile));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 33, 300, 1000, 5000})
    void pairsAreTheSameTilesInTheSameWaves(int n) {
        Set<TileGrid.Tile> tiles = new HashSet<>();
        try (Workers workers = new Workers(1)) {
            TileGrid.of(n).forEachPair(workers, tile -> {
                assertTrue(tiles.add(tile), tile::toString);
                assertEquals(!tile.isDiagonal(), tiles.add(tile.transposed()), tile::toString);
            });
        }
        assertEquals(new HashSet<>(visit(n)), tiles);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 300, 16_384, 1_000_000})
    void tilesStaySmall(int n) {
        assertTrue(TileGrid.of(n).size() <= 256);
    }

    private static List<TileGrid.Tile> visit(int n) {
        List<TileGrid.Tile> tiles = new ArrayList<>();
        try (Workers workers = new Workers(1)) {
            TileGrid.of(n).forEach(workers, tiles::add);
        }
        return tiles;
    }
}
