package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.UPDATE;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;

/** {@code update.cu}: kernels are named for the rule and the element type; the state of the step stays on the device. */
final class UpdateOps {
    /** As {@code MAX_GROUPS} and {@code PIECE} in the source. */
    private static final int MAX_GROUPS = 80;

    private static final int PIECE = 4096;
    private static final int ADDRESSES = 4;

    private final Launcher launcher;

    UpdateOps(Launcher launcher) {
        this.launcher = launcher;
    }

    void adam(Update.Adam op, List<Tensor> in) {
        float decay = (float) op.weightDecay();
        update("adam", op, in, new float[] {
            (float) Math.log(op.beta1()),
            (float) (1 - op.beta1()),
            (float) Math.log(op.beta2()),
            (float) op.beta2(),
            (float) (1 - op.beta2()),
            (float) op.eps(),
            op.decoupled() ? 0 : decay,
            op.decoupled() ? decay : 0
        });
    }

    void sgd(Update.Sgd op, List<Tensor> in) {
        update("sgd", op, in, new float[] {(float) op.momentum(), (float) op.weightDecay()});
    }

    void control(StepControl op, List<Tensor> in) {
        launcher.kernel(UPDATE, "decide")
                .tensor(in.getFirst())
                .tensor(in.get(2))
                .tensor(in.get(3))
                .i64(Double.doubleToRawLongBits(op.maxNorm()))
                .i32(op.interval())
                .grid(1, 1, 1, 1, 1);
        for (Tensor state : in.subList(4, in.size())) {
            launcher.kernel(UPDATE, "follow")
                    .tensor(in.getFirst())
                    .tensor(in.get(1))
                    .tensor(state)
                    .grid(1, 1, 1, 1, 1);
        }
    }

    /** One launch for each {@link #MAX_GROUPS} parameters of a type. */
    private void update(String rule, Update op, List<Tensor> in, float[] constants) {
        Map<DType, List<List<Tensor>>> groups = new EnumMap<>(DType.class);
        for (int i = 1; i < in.size(); i += op.groupSize()) {
            if (in.get(i).size() > 0) {
                groups.computeIfAbsent(in.get(i).dtype(), _ -> new ArrayList<>())
                        .add(in.subList(i, i + op.groupSize()));
            }
        }
        groups.forEach((type, all) -> {
            for (int from = 0; from < all.size(); from += MAX_GROUPS) {
                List<List<Tensor>> some = all.subList(from, Math.min(all.size(), from + MAX_GROUPS));
                launcher.kernel(UPDATE, rule, type).tensor(in.getFirst());
                launch(some, constants);
            }
        });
    }

    /** Passes the struct {@code Groups} and the rule's constants. */
    private void launch(List<List<Tensor>> groups, float[] constants) {
        int[] struct = new int[MAX_GROUPS * (2 * ADDRESSES + 2) + 2];
        int elements = MAX_GROUPS * 2 * ADDRESSES;
        int firstBlocks = elements + MAX_GROUPS;
        int blocks = 0;
        for (int i = 0; i < groups.size(); i++) {
            List<Tensor> group = groups.get(i);
            for (int k = 0; k < group.size(); k++) {
                long address = CudaStorage.address(group.get(k));
                struct[2 * (i * ADDRESSES + k)] = (int) address;
                struct[2 * (i * ADDRESSES + k) + 1] = (int) (address >>> 32);
            }
            struct[elements + i] = group.getFirst().size();
            struct[firstBlocks + i] = blocks;
            blocks += (int) Launcher.ceilDiv(group.getFirst().size(), PIECE);
        }
        struct[firstBlocks + MAX_GROUPS] = groups.size();
        launcher.struct(struct).struct(bits(constants)).grid(blocks, 1, 1, Launcher.THREADS, 1);
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
