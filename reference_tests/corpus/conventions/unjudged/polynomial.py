import numpy as np


class LinearRegression:
    def fit(self, X, y):
        A = np.c_[X, np.ones(len(X))]
        self.coef_ = np.linalg.lstsq(A, y, rcond=None)[0]
        return self

    def predict(self, X):
        return np.c_[X, np.ones(len(X))] @ self.coef_


def polynomial_features(x, degree):
    return np.stack([x ** k for k in range(1, degree + 1)], axis=1)
