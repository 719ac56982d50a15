// Convolution as a matrix product: the rows of one factor are patches of a channels-last image, which is gathered from where
// it lies. See convolution.cu for the shapes.
#pragma once

// The mirror of ConvolutionOps.Geometry.
struct Geometry {
    int batch;
    int height, width, channels;              // of the image that patches are read from: x, or dy for the input gradient
    int out_height, out_width, out_channels;  // of the image with a pixel for each patch
    int kernel_height, kernel_width, stride, padding;

    __device__ __forceinline__ int pixels() const { return batch * out_height * out_width; }
    __device__ __forceinline__ int patch() const { return kernel_height * kernel_width * channels; }
};

// A column of the matrix of patches: a tap of the kernel and a channel.
struct Tap {
    int row, column, channel;

    __device__ __forceinline__ Tap(int k, const Geometry& g) {
        int tap = k / g.channels;
        channel = k % g.channels;
        row = tap / g.kernel_width;
        column = tap % g.kernel_width;
    }
    // Without a division: mostly by less than a tap.
    __device__ __forceinline__ void advance(int by, const Geometry& g) {
        for (channel += by; channel >= g.channels; channel -= g.channels)
            if (++column == g.kernel_width) column = 0, row++;
    }
};

// A row of the matrix of patches: a pixel of the result.
struct Pixel {
    int image, row, column;

    __device__ __forceinline__ Pixel(int pixel, const Geometry& g) {
        int line = pixel / g.out_width;
        column = pixel % g.out_width;
        row = line % g.out_height;
        image = line / g.out_height;
    }
    __device__ __forceinline__ void advance(int by, const Geometry& g) {
        for (column += by; column >= g.out_width; column -= g.out_width)
            if (++row == g.out_height) row = 0, image++;
    }
};

#define OUTSIDE (~(size_t)0)

// Where an element lies in the image, OUTSIDE in the padding.
__device__ __forceinline__ size_t position(int image, int row, int column, int channel, const Geometry& g) {
    if ((unsigned)row >= g.height || (unsigned)column >= g.width) return OUTSIDE;
    return (((size_t)image * g.height + row) * g.width + column) * g.channels + channel;
}

// Where the element of a pixel's patch lies.
__device__ __forceinline__ size_t position(const Pixel& pixel, const Tap& tap, const Geometry& g) {
    if (tap.row >= g.kernel_height) return OUTSIDE;
    return position(pixel.image, pixel.row * g.stride + tap.row - g.padding, pixel.column * g.stride + tap.column - g.padding,
                    tap.channel, g);
}

// The few pixels whose patches a thread gathers. Result (r, c) meets the image's (r stride + tap - padding), with GRADIENT
// ((r + padding - tap) / stride) where that is whole.
template <int COUNT, bool GRADIENT>
struct Patches {
    int image[COUNT], row[COUNT], column[COUNT];

    // The i-th of them has this index in the result.
    __device__ __forceinline__ void set(int i, int index, const Geometry& g) {
        Pixel pixel(index, g);
        image[i] = pixel.image;
        // Behind the last pixel, far from the image.
        row[i] = index >= g.pixels() ? -(1 << 30) : GRADIENT ? pixel.row + g.padding : pixel.row * g.stride - g.padding;
        column[i] = GRADIENT ? pixel.column + g.padding : pixel.column * g.stride - g.padding;
    }
    __device__ __forceinline__ size_t position(int i, const Tap& tap, const Geometry& g) const {
        int r = GRADIENT ? row[i] - tap.row : row[i] + tap.row;
        int c = GRADIENT ? column[i] - tap.column : column[i] + tap.column;
        if (tap.row >= g.kernel_height) return OUTSIDE;
        if (GRADIENT && g.stride > 1) {
            if (r % g.stride != 0 || c % g.stride != 0) return OUTSIDE;
            r = r < 0 ? r : r / g.stride;
            c = c < 0 ? c : c / g.stride;
        }
        return ::position(image[i], r, c, tap.channel, g);
    }
};
