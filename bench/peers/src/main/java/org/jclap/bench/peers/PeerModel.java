package org.jclap.bench.peers;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jclap.autograd.Parameter;
import org.jclap.bench.Stage;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.type.DType;

/**
 * The weights of a model as PyTorch holds them.
 *
 * @param weights parameters and buffers by their published names
 * @param parameters those of them that are trained
 */
record PeerModel(Map<String, PtNDArray> weights, List<PtNDArray> parameters) {
    private static final int IMAGE_RANK = 4;

    /** The weights that a model of ours starts with. */
    static PeerModel copy(Stage stage, Torch torch, Consumer<Weights> model, String layout) {
        var weights = new Weights(stage.backend(), stage.seed());
        model.accept(weights);
        return of(torch, weights, layout);
    }

    /** A copy of weights of ours, which are closed; convolutions take this layout in memory. */
    static PeerModel of(Torch torch, Weights ours, String layout) {
        try (ours) {
            var trained = ours.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
            var weights = new LinkedHashMap<String, PtNDArray>();
            var parameters = new ArrayList<PtNDArray>();
            ours.state().forEach((name, tensor) -> {
                if (tensor.dtype() == DType.F32) {
                    var copy = torch.tensor(tensor);
                    var weight = tensor.shape().rank() == IMAGE_RANK ? torch.convert(layout, copy) : copy;
                    weights.put(name, weight);
                    if (trained.contains(name)) {
                        parameters.add(Torch.withGradient(weight));
                    }
                }
            });
            return new PeerModel(weights, parameters);
        }
    }

    /** Adds to a call what a training step reads and changes: weights, parameters, both moments, counts of steps. */
    Torch.Call step(Torch.Call call, Torch torch) {
        return call.with("p", weights)
                .with("parameters", parameters)
                .with("first", zeros(torch))
                .with("second", zeros(torch))
                .with("counts", parameters.stream().map(_ -> torch.scalar(0)).toList());
    }

    private List<PtNDArray> zeros(Torch torch) {
        return parameters.stream().map(p -> torch.convert("zeros_like", p)).toList();
    }
}
