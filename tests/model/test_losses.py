import numpy as np
import pytest
import torch

from spinscope.config import Training
from spinscope.model.losses import (
    any_loss,
    cell_losses,
    hierarchy_loss,
    loss_function,
    positive_weights,
    technique_rates,
)


class Outputs:
    def __init__(self, logits):
        self.logits = logits


def test_cells_that_are_not_annotated_carry_no_loss_and_no_gradient():
    logits = torch.tensor([[0.3, -1.0], [2.0, 0.5]], requires_grad=True)
    labels = torch.tensor([[1.0, -100.0], [0.0, -100.0]])
    loss = loss_function(Training(), np.ones(2))(Outputs(logits), labels)
    loss.backward()
    assert logits.grad[:, 1].abs().sum() == 0
    assert logits.grad[:, 0].abs().min() > 0
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0], labels[:, 0])
    assert torch.isclose(loss, expected)


def test_accumulated_batches_weigh_each_annotated_cell_the_same():
    compute = loss_function(Training(), np.ones(2))
    logits = torch.tensor([[0.3, -1.0], [2.0, 0.5], [1.0, 1.0]])
    labels = torch.tensor([[1.0, -100.0], [0.0, 1.0], [0.0, 0.0]])
    whole = compute(Outputs(logits), labels)
    n_known = torch.tensor(5)
    parts = compute(Outputs(logits[:1]), labels[:1], n_known) + compute(Outputs(logits[1:]), labels[1:], n_known)
    assert torch.isclose(whole, parts)


def test_focal_with_gamma_0_is_cross_entropy_and_with_more_turns_to_the_hard_cells():
    logits, labels = torch.tensor([[3.0, -0.5]]), torch.tensor([[1.0, 1.0]])
    plain = cell_losses(logits, labels, Training(), torch.ones(2))
    assert torch.allclose(cell_losses(logits, labels, Training(loss="focal", focal_gamma=0.0), torch.ones(2)), plain)
    focal = cell_losses(logits, labels, Training(loss="focal", focal_gamma=2.0), torch.ones(2))
    assert (focal / plain)[0, 0] < (focal / plain)[0, 1]


def test_asymmetric_loss_by_hand():
    training = Training(
        loss="asymmetric", asymmetric_gamma_positive=0.0, asymmetric_gamma_negative=2.0, asymmetric_margin=0.1
    )
    logits, labels = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    cells = cell_losses(logits, labels, training, torch.ones(2))
    assert cells[0, 0].item() == pytest.approx(-np.log(0.5), rel=1e-5)
    assert cells[0, 1].item() == pytest.approx(-(0.4**2) * np.log(0.6), rel=1e-5)


def test_weights_of_positives():
    gold = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1]])
    mask = np.array([[1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]], dtype=bool)
    assert positive_weights(gold, mask, "none").tolist() == [1, 1, 1]
    assert positive_weights(gold, mask, "balanced").tolist() == [3, 1, 0.01]
    assert positive_weights(gold, mask, "square_root").tolist() == pytest.approx([3**0.5, 1, 0.01])


def test_smoothing_goes_towards_the_rate_of_the_technique():
    gold = np.array([[1, 0], [0, 0], [0, 1], [0, 0]])
    mask = np.array([[1, 1], [1, 1], [1, 1], [1, 0]], dtype=bool)
    rates = technique_rates(gold, mask)
    assert rates == pytest.approx([0.25, 1 / 3])
    logits, labels = torch.tensor([[0.3, -1.0]]), torch.tensor([[1.0, 0.0]])
    found = loss_function(Training(label_smoothing=0.2), np.ones(2), rates)(Outputs(logits), labels)
    smooth = torch.tensor([[0.8 + 0.2 * 0.25, 0.2 / 3]])
    assert torch.isclose(found, torch.nn.functional.binary_cross_entropy_with_logits(logits, smooth))
    none = loss_function(Training(), np.ones(2), rates)(Outputs(logits), labels)
    assert torch.isclose(none, torch.nn.functional.binary_cross_entropy_with_logits(logits, labels))


def test_any_technique_is_the_noisy_or_and_unknown_where_a_masked_one_may_be_there():
    logits = torch.tensor([[0.5, -2.0], [0.5, -2.0], [0.5, -2.0], [-40.0, -40.0]], requires_grad=True)
    labels = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    known = torch.tensor([[True, False], [True, True], [True, False], [True, True]])
    p = torch.sigmoid(logits[0]).tolist()
    losses = any_loss(logits, labels, known)
    assert losses[0].item() == pytest.approx(-np.log(p[0]), rel=1e-5)
    assert losses[1].item() == pytest.approx(-np.log((1 - p[0]) * (1 - p[1])), rel=1e-5)
    assert losses[2].item() == 0
    losses.sum().backward()
    assert torch.isfinite(logits.grad).all()
    assert logits.grad[2].abs().sum() == 0


def test_the_any_loss_comes_on_top_with_its_weight():
    logits, labels = torch.tensor([[0.3, -1.0], [0.1, 0.2]]), torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    plain = loss_function(Training(), np.ones(2))(Outputs(logits), labels)
    both = loss_function(Training(any_weight=0.5), np.ones(2))(Outputs(logits), labels)
    expected = plain + 0.5 * any_loss(logits, labels, torch.ones(2, 2, dtype=torch.bool)).mean()
    assert torch.isclose(both, expected)


def test_a_node_asks_its_own_techniques_for_any():
    logits = torch.tensor([[0.5, -2.0, 1.0], [0.5, -2.0, 1.0]], requires_grad=True)
    labels, known = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), torch.ones(2, 3, dtype=torch.bool)
    p = torch.sigmoid(logits[0]).tolist()
    any_of_two, none_of_two = -np.log(1 - (1 - p[0]) * (1 - p[1])), -np.log((1 - p[0]) * (1 - p[1]))
    one = hierarchy_loss(logits, labels, known, [(0, 1)])
    assert one.tolist() == pytest.approx([any_of_two, none_of_two], rel=1e-5)
    one.sum().backward()
    assert logits.grad[:, 2].abs().sum() == 0
    two = hierarchy_loss(logits, labels, known, [(0, 1), (1, 2)])
    of_the_other = [-np.log((1 - p[1]) * (1 - p[2])), -np.log(1 - (1 - p[1]) * (1 - p[2]))]
    assert two.tolist() == pytest.approx([(any_of_two + of_the_other[0]) / 2, (none_of_two + of_the_other[1]) / 2], rel=1e-5)


def test_the_hierarchy_comes_on_top_with_its_weight():
    logits, labels = torch.tensor([[0.3, -1.0, 0.0]]), torch.tensor([[1.0, 0.0, -100.0]])
    plain = loss_function(Training(), np.ones(3))(Outputs(logits), labels)
    both = loss_function(Training(hierarchy_weight=0.5), np.ones(3), nodes=[(0, 1)])(Outputs(logits), labels)
    expected = any_loss(logits[:, :2], labels[:, :2], torch.ones(1, 2, dtype=torch.bool)).sum()
    assert torch.isclose(both, plain + 0.5 * 3 * expected / 2)  # three techniques, two annotated cells
