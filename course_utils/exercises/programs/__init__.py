"""Programs as text: what stands in a learner's answer, which slips a right one may suffer, where a wrong one errs."""
