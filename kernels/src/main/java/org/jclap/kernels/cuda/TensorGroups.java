package org.jclap.kernels.cuda;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;

/**
 * Groups of equally long tensors that one launch goes over, piece by piece: the struct {@code Groups} of {@code groups.cuh}.
 *
 * @param struct its fields
 * @param blocks pieces of all groups together
 */
record TensorGroups(int[] struct, int blocks) {
    /** Elements of a block. */
    private static final int PIECE = 4096;

    /** By element type, at most {@code most} groups of {@code tensors} in each; what is empty is left out. */
    static Map<DType, List<TensorGroups>> launches(List<List<Tensor>> groups, int tensors, int most) {
        Map<DType, List<List<Tensor>>> typed = new EnumMap<>(DType.class);
        for (List<Tensor> group : groups) {
            if (group.getFirst().size() > 0) {
                typed.computeIfAbsent(group.getFirst().dtype(), _ -> new ArrayList<>())
                        .add(group);
            }
        }
        Map<DType, List<TensorGroups>> result = new EnumMap<>(DType.class);
        typed.forEach((type, all) -> {
            List<TensorGroups> some = new ArrayList<>();
            for (int from = 0; from < all.size(); from += most) {
                some.add(of(all.subList(from, Math.min(all.size(), from + most)), tensors, most));
            }
            result.put(type, some);
        });
        return result;
    }

    private static TensorGroups of(List<List<Tensor>> groups, int tensors, int most) {
        int elements = 2 * most * tensors;
        int firstBlocks = elements + most;
        int[] struct = new int[firstBlocks + most + 2];
        int blocks = 0;
        for (int i = 0; i < groups.size(); i++) {
            List<Tensor> group = groups.get(i);
            for (int k = 0; k < group.size(); k++) {
                long address = CudaStorage.address(group.get(k));
                struct[2 * (i * tensors + k)] = (int) address;
                struct[2 * (i * tensors + k) + 1] = (int) (address >>> 32);
            }
            struct[elements + i] = group.getFirst().size();
            struct[firstBlocks + i] = blocks;
            blocks += (int) Launcher.ceilDiv(group.getFirst().size(), PIECE);
        }
        struct[firstBlocks + most] = groups.size();
        return new TensorGroups(struct, blocks);
    }
}
