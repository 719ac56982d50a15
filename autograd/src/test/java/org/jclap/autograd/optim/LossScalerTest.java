package org.jclap.autograd.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LossScalerTest {
    @Test
    void halvesOnOverflowAndDoublesAfterAStreak() {
        LossScaler scaler = new LossScaler(1024, 0, 3);
        scaler = scaler.after(true).after(true);
        assertEquals(new LossScaler(1024, 2, 3), scaler);
        assertEquals(new LossScaler(2048, 0, 3), scaler.after(true));
        assertEquals(new LossScaler(512, 0, 3), scaler.after(false));
    }

    @Test
    void staysBetweenOneAndItsLimit() {
        LossScaler scaler = LossScaler.start();
        assertEquals(65536, scaler.scale());
        for (int i = 0; i < 40; i++) {
            scaler = scaler.after(false);
        }
        assertEquals(1, scaler.scale());
        for (int i = 0; i < 40 * scaler.interval(); i++) {
            scaler = scaler.after(true);
        }
        assertEquals(0x1p24, scaler.scale());
    }

    @Test
    void noneNeverScales() {
        assertEquals(1, LossScaler.none().after(true).after(false).scale());
    }
}
