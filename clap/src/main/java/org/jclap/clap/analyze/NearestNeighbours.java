package org.jclap.clap.analyze;

import java.util.Arrays;

/** The exact k nearest neighbours of every point among the others. */
final class NearestNeighbours {
    private NearestNeighbours() {}

    /** Indices of the {@code k} nearest other points, ascending by index; of equal distances the lower index wins. */
    static int[][] of(Embeddings points, Metric metric, int k) {
        int[][] neighbours = new int[points.rows()][];
        Pairwise.distances(points, metric).forEachRow((i, distances) -> neighbours[i] = nearest(i, distances, k));
        return neighbours;
    }

    private static int[] nearest(int self, double[] distances, int k) {
        int[] heap = new int[k]; // the worst of those kept is at the root
        int size = 0;
        for (int j = 0; j < distances.length; j++) {
            if (j == self) {
                continue;
            }
            if (size < k) {
                heap[size++] = j;
                if (size == k) {
                    for (int root = k / 2 - 1; root >= 0; root--) {
                        sink(heap, root, distances);
                    }
                }
            } else if (worse(heap[0], j, distances)) {
                heap[0] = j;
                sink(heap, 0, distances);
            }
        }
        Arrays.sort(heap);
        return heap;
    }

    private static void sink(int[] heap, int start, double[] distances) {
        int parent = start;
        while (2 * parent + 1 < heap.length) {
            int child = 2 * parent + 1;
            if (child + 1 < heap.length && worse(heap[child + 1], heap[child], distances)) {
                child++;
            }
            if (!worse(heap[child], heap[parent], distances)) {
                return;
            }
            int swapped = heap[parent];
            heap[parent] = heap[child];
            heap[child] = swapped;
            parent = child;
        }
    }

    private static boolean worse(int a, int b, double[] distances) {
        return distances[a] > distances[b] || (distances[a] == distances[b] && a > b);
    }
}
