package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.UPDATE;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.Update;

/** {@code update.cu}: kernels are named for the rule and the element type; the state of the step stays on the device. */
final class UpdateOps {
    /** The tensors of a group, and the groups of a launch, in the source. */
    private static final int TENSORS = 4;

    private static final int MAX_GROUPS = 80;

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
        List<List<Tensor>> groups = new ArrayList<>();
        for (int i = 1; i < in.size(); i += op.groupSize()) {
            groups.add(in.subList(i, i + op.groupSize()));
        }
        TensorGroups.launches(groups, TENSORS, MAX_GROUPS).forEach((type, launches) -> {
            for (TensorGroups some : launches) {
                launcher.kernel(UPDATE, rule, type)
                        .tensor(in.getFirst())
                        .struct(some.struct())
                        .struct(bits(constants))
                        .grid(some.blocks(), 1, 1, Launcher.THREADS, 1);
            }
        });
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
